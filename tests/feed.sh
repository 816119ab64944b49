#!/usr/bin/env bash
# The audio feed with the official Socket.IO client: streams byte for byte, over WebSocket and long polling.
#
#   tests/feed.sh
#
# Needs node and npm; starts a Pregon of its own, with the simulator.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
# shellcheck source=own.sh
. tests/own.sh

cp -r tests/feed "$work/feed"
npm --prefix "$work/feed" install --no-audit --no-fund --loglevel=error
export PREGON_AUDIO=$work/data/audio RADIO=false
export API_KEYS=ana:admin:secret-ana,crm:client:secret-crm,shop:client:secret-shop
# Large chunks at a fast pace, so that long streams are short.
export ASF_CHUNK_SIZE=16384 ASF_STREAM_SLEEP_INTERVAL=0.001
launch
node --test "$work/feed/feed.mjs" || fail "the feed is not as it should be"
