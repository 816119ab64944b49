//! Units of measure.

/// A unit as it is written after a number, and as one and several of it are said.
pub(super) struct Unit {
    pub(super) sign: &'static str,
    pub(super) one: &'static str,
    pub(super) many: &'static str,
    pub(super) stands: Stands,
}

/// Where a sign is a unit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    /// After a number, over a space or without one.
    Anywhere,
    /// Only directly after the number: it is a word or a letter otherwise.
    Close,
}

const fn unit(sign: &'static str, one: &'static str, many: &'static str) -> Unit {
    Unit { sign, one, many, stands: Stands::Anywhere }
}

const fn close(sign: &'static str, one: &'static str, many: &'static str) -> Unit {
    Unit { sign, one, many, stands: Stands::Close }
}

/// Longer signs stand before those that they begin with. British spelling is made from the American.
pub(super) const UNITS: &[Unit] = &[
    unit("%", "percent", "percent"),
    unit("°C", "degree Celsius", "degrees Celsius"),
    unit("° C", "degree Celsius", "degrees Celsius"),
    unit("ºC", "degree Celsius", "degrees Celsius"),
    unit("°F", "degree Fahrenheit", "degrees Fahrenheit"),
    unit("° F", "degree Fahrenheit", "degrees Fahrenheit"),
    unit("ºF", "degree Fahrenheit", "degrees Fahrenheit"),
    unit("°", "degree", "degrees"),
    unit("mph", "mile per hour", "miles per hour"),
    unit("MPH", "mile per hour", "miles per hour"),
    unit("mpg", "mile per gallon", "miles per gallon"),
    unit("km/h", "kilometer per hour", "kilometers per hour"),
    unit("kmh", "kilometer per hour", "kilometers per hour"),
    unit("kph", "kilometer per hour", "kilometers per hour"),
    unit("m/s", "meter per second", "meters per second"),
    unit("km²", "square kilometer", "square kilometers"),
    unit("km2", "square kilometer", "square kilometers"),
    unit("m²", "square meter", "square meters"),
    unit("m2", "square meter", "square meters"),
    unit("m³", "cubic meter", "cubic meters"),
    unit("m3", "cubic meter", "cubic meters"),
    unit("cm³", "cubic centimeter", "cubic centimeters"),
    unit("km", "kilometer", "kilometers"),
    unit("KM", "kilometer", "kilometers"),
    unit("cm", "centimeter", "centimeters"),
    unit("mm", "millimeter", "millimeters"),
    unit("m", "meter", "meters"),
    unit("kg", "kilogram", "kilograms"),
    unit("Kg", "kilogram", "kilograms"),
    unit("KG", "kilogram", "kilograms"),
    unit("mg", "milligram", "milligrams"),
    unit("mcg", "microgram", "micrograms"),
    unit("µg", "microgram", "micrograms"),
    unit("g", "gram", "grams"),
    unit("lb", "pound", "pounds"),
    unit("lbs", "pound", "pounds"),
    unit("LBS", "pound", "pounds"),
    unit("oz", "ounce", "ounces"),
    unit("fl oz", "fluid ounce", "fluid ounces"),
    unit("fl. oz", "fluid ounce", "fluid ounces"),
    unit("sq ft", "square foot", "square feet"),
    unit("sq. ft", "square foot", "square feet"),
    unit("sqft", "square foot", "square feet"),
    unit("ft²", "square foot", "square feet"),
    unit("sq m", "square meter", "square meters"),
    unit("sq mi", "square mile", "square miles"),
    unit("cu ft", "cubic foot", "cubic feet"),
    unit("ft", "foot", "feet"),
    close("in", "inch", "inches"),
    close("\"", "inch", "inches"),
    unit("yd", "yard", "yards"),
    unit("yds", "yard", "yards"),
    unit("mi", "mile", "miles"),
    unit("ml", "milliliter", "milliliters"),
    unit("mL", "milliliter", "milliliters"),
    unit("cl", "centiliter", "centiliters"),
    unit("L", "liter", "liters"),
    unit("l", "liter", "liters"),
    unit("gal", "gallon", "gallons"),
    unit("qt", "quart", "quarts"),
    unit("tsp", "teaspoon", "teaspoons"),
    unit("tbsp", "tablespoon", "tablespoons"),
    unit("kB", "kilobyte", "kilobytes"),
    unit("KB", "kilobyte", "kilobytes"),
    unit("MB", "megabyte", "megabytes"),
    unit("GB", "gigabyte", "gigabytes"),
    unit("TB", "terabyte", "terabytes"),
    unit("Mbps", "megabit per second", "megabits per second"),
    unit("Mb/s", "megabit per second", "megabits per second"),
    unit("Gbps", "gigabit per second", "gigabits per second"),
    unit("kWh", "kilowatt-hour", "kilowatt-hours"),
    unit("KWh", "kilowatt-hour", "kilowatt-hours"),
    unit("MWh", "megawatt-hour", "megawatt-hours"),
    unit("kW", "kilowatt", "kilowatts"),
    unit("MW", "megawatt", "megawatts"),
    unit("GW", "gigawatt", "gigawatts"),
    unit("W", "watt", "watts"),
    unit("V", "volt", "volts"),
    unit("mA", "milliamp", "milliamps"),
    unit("mAh", "milliamp-hour", "milliamp-hours"),
    unit("Hz", "hertz", "hertz"),
    unit("kHz", "kilohertz", "kilohertz"),
    unit("MHz", "megahertz", "megahertz"),
    unit("GHz", "gigahertz", "gigahertz"),
    unit("dB", "decibel", "decibels"),
    unit("hPa", "hectopascal", "hectopascals"),
    unit("psi", "pound per square inch", "pounds per square inch"),
    unit("PSI", "pound per square inch", "pounds per square inch"),
    unit("hp", "horsepower", "horsepower"),
    unit("rpm", "revolution per minute", "revolutions per minute"),
    unit("bpm", "beat per minute", "beats per minute"),
    unit("cal", "calorie", "calories"),
    unit("kcal", "kilocalorie", "kilocalories"),
    unit("mmHg", "millimeter of mercury", "millimeters of mercury"),
    unit("mg/dL", "milligram per deciliter", "milligrams per deciliter"),
    unit("ha", "hectare", "hectares"),
    unit("hr", "hour", "hours"),
    unit("hrs", "hour", "hours"),
    unit("h", "hour", "hours"),
    unit("min", "minute", "minutes"),
    unit("mins", "minute", "minutes"),
    unit("sec", "second", "seconds"),
    unit("secs", "second", "seconds"),
    close("s", "second", "seconds"),
    unit("ms", "millisecond", "milliseconds"),
    unit("wk", "week", "weeks"),
    unit("wks", "week", "weeks"),
    unit("mo", "month", "months"),
    unit("mos", "month", "months"),
    unit("yr", "year", "years"),
    unit("yrs", "year", "years"),
    unit("pt", "pint", "pints"),
    unit("pts", "point", "points"),
    unit("pcs", "piece", "pieces"),
    unit("pkg", "package", "packages"),
    close("x", "time", "times"),
    close("X", "time", "times"),
];

/// What an amount is per, where it is a short form: "$18.50/hr".
#[rustfmt::skip]
pub(super) const PER: [(&str, &str); 20] = [
    ("mo", "month"), ("mth", "month"), ("yr", "year"), ("wk", "week"), ("hr", "hour"), ("h", "hour"),
    ("min", "minute"), ("sec", "second"), ("s", "second"), ("gal", "gallon"), ("lb", "pound"), ("lbs", "pound"),
    ("oz", "ounce"), ("kg", "kilogram"), ("g", "gram"), ("L", "liter"), ("l", "liter"),
    ("kWh", "kilowatt-hour"), ("ft", "foot"), ("pp", "person"),
];

/// American names of measures, and how they are written in Britain.
const BRITISH: [(&str, &str); 3] = [("percent", "per cent"), ("meter", "metre"), ("liter", "litre")];

/// `name` as it is written in Britain.
pub(super) fn british(name: &str) -> String {
    BRITISH.iter().fold(name.to_owned(), |name, (american, british)| name.replace(american, british))
}
