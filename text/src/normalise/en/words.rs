//! Lists of words that several readings ask for.

/// Words that begin a sentence more often than they are a name: after "Inc. " they say that the sentence was over.
pub(super) const STARTERS: [&str; 88] = [
    "A", "After", "All", "Also", "An", "And", "Any", "Are", "As", "At", "Be", "Before", "Bring", "But", "By",
    "Call", "Can", "Check", "Click", "Did", "Do", "Doors", "Don", "Due", "Each", "Enter", "Every", "For",
    "From", "Get", "Give", "Go", "Have", "He", "Hello", "Hi", "His", "Her", "How", "However", "I", "If",
    "In", "Is", "It", "Its", "Join", "Just", "Keep", "Let", "Make", "More", "My", "New", "No", "Now", "Of",
    "On", "Once", "Our", "Please", "Press", "Reply", "Say", "See", "She", "Should", "So", "Stay", "Text",
    "Thank", "Thanks", "That", "The", "Then", "There", "These", "They", "This", "To", "Visit", "We", "What",
    "When", "Will", "You", "Your", "Yours",
];

/// What is counted: a number of four digits before one of these is no year.
#[rustfmt::skip]
pub(super) const COUNTED: [&str; 66] = [
    "people", "customers", "clients", "homes", "houses", "households", "families", "users", "students",
    "pupils", "children", "kids", "teachers", "patients", "residents", "workers", "employees", "staff",
    "members", "guests", "visitors", "fans", "runners", "passengers", "drivers", "soldiers", "men", "women",
    "voters", "votes", "points", "jobs", "steps", "calories", "words", "units", "miles", "kilometers",
    "kilometres", "meters", "metres", "feet", "pounds", "dollars", "euros", "pesos", "pence", "cents", "tons",
    "tonnes", "acres", "hectares", "gallons", "litres", "liters", "times", "hours", "minutes", "seconds",
    "days", "weeks", "items", "copies", "seats", "tickets", "meals",
];

/// Words before a number that make it a year.
pub(super) const YEAR_CUES: [&str; 26] = [
    "in", "since", "by", "until", "till", "from", "to", "year", "during", "before", "after", "through",
    "spring", "summer", "autumn", "fall", "winter", "late", "early", "mid", "circa", "class", "season",
    "fiscal", "tax", "of",
];

#[rustfmt::skip]
pub(in super::super) const MONTHS: [&str; 12] = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
];

/// Short forms of months, by the month's place in the year.
#[rustfmt::skip]
pub(super) const SHORT_MONTHS: [(&str, usize); 13] = [
    ("Jan", 0), ("Feb", 1), ("Mar", 2), ("Apr", 3), ("Jun", 5), ("Jul", 6), ("Aug", 7), ("Sep", 8), ("Sept", 8),
    ("Oct", 9), ("Nov", 10), ("Dec", 11), ("Febr", 1),
];

/// Days of the week with their short forms. The last ones are words too: "the cat sat", "the sun".
pub(super) const WEEKDAYS: [(&str, &[&str]); 7] = [
    ("Monday", &["Mon"]),
    ("Tuesday", &["Tue", "Tues"]),
    ("Wednesday", &["Wed", "Weds"]),
    ("Thursday", &["Thu", "Thur", "Thurs"]),
    ("Friday", &["Fri"]),
    ("Saturday", &["Sat"]),
    ("Sunday", &["Sun"]),
];
