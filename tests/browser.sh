#!/usr/bin/env bash
# The dashboard and the radio player in a real browser: a job followed to its end on open pages, the stream played through
# announcements and titles, then every page searched for barriers.
#
#   tests/browser.sh [FOLDER]   with a folder, pictures of every page are left there too
#
# Needs chromium, node and npm; starts a Pregon of its own, with the simulator.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
# shellcheck source=own.sh
. tests/own.sh

shots=${1:+$(realpath -m "$1")}

submit() {
  curl -fsS -X POST "$PREGON_API/tts/call" -H 'Content-Type: application/json' -d "$1" |
    sed -n 's/.*"job_id":"\([^"]*\)".*/\1/p'
}

has_state() { [[ $(curl -fsS "$PREGON_API/tts/status/$1") == *"\"status\":\"$2\""* ]]; }

# A job in every state that lasts, so that there is a page of each to look at.
furnish() {
  local heard withdrawn later
  later=$(date -d '+2 days' --iso-8601=seconds)
  heard=$(submit '{"text":"Su cita es mañana a las nueve","phone_number":"3005050149"}')
  withdrawn=$(submit '{"text":"Esta llamada se retira","phone_number":"3005050149","not_before":"'"$later"'"}')
  submit '{"text":"Feliz cumpleaños","phone_number":"3005050149","not_before":"'"$later"'"}' >/dev/null
  curl -fsS -o /dev/null -X POST "$PREGON_API/jobs/$withdrawn/cancel"
  soon has_state "$heard" completed || fail "the first job did not complete"
  soon has_state "$withdrawn" cancelled || fail "the second job was not cancelled"
}

cp -r tests/browser "$work/browser"
if [[ -f $work/browser/package-lock.json ]]; then install=ci; else install=install; fi
npm --prefix "$work/browser" "$install" --no-audit --no-fund --loglevel=error
unset API_KEYS
launch
furnish
node "$work/browser/follow.mjs" || fail "a job could not be followed"
node "$work/browser/radio.mjs" ${shots:+"$shots"} || fail "the radio could not be heard"
node "$work/browser/axe.mjs" || fail "there are barriers on the pages"
[[ -z $shots ]] || node "$work/browser/screenshots.mjs" "$shots"
