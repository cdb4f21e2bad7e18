#!/usr/bin/env bash
# Fetches axe-core, as its makers publish it, with its licences. Needs npm.
set -euo pipefail
cd "$(dirname "$0")"
version=4.14.1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm pack --silent --pack-destination "$work" "axe-core@$version" >/dev/null
tar -xzf "$work"/*.tgz -C "$work"
cp "$work/package/axe.min.js" axe.min.js
cp "$work/package/LICENSE" axe.LICENSE
cp "$work/package/LICENSE-3RD-PARTY.txt" axe.LICENSE-3RD-PARTY.txt
