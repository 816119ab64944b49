#!/usr/bin/env bash
# A Python with the packages that tests compare with or drive, in a folder of its own:
#
#   tests/python.sh DIR   makes DIR (again: does nothing) and prints the path of its interpreter, for TEST_PYTHON
#
# Needs python3 with venv, and the package index or a mirror of it.
set -euo pipefail

# Pinned: what is compared with must not change by itself.
packages=(gTTS==2.5.4 wyoming==1.10.2 openai==3.52.0)

[ $# -eq 1 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 64; }
mkdir -p "$1"
dir=$(cd "$1" && pwd)
stamp=$dir/packages
if [ "$(cat "$stamp" 2>/dev/null)" != "${packages[*]}" ]; then
  python3 -m venv "$dir" >&2
  "$dir/bin/pip" install --quiet --disable-pip-version-check "${packages[@]}" >&2
  echo "${packages[*]}" >"$stamp"
fi
echo "$dir/bin/python"
