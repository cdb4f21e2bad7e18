#!/bin/sh
# Fetches what comes from elsewhere into file/, by npm, at pinned versions;
# "make assets" runs it. The results are committed, so that a build needs no
# network. Written by hand and not touched here: theme.css, peregrine.css,
# peregrine.js, peregrine.svg.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm init -y >/dev/null && npm install --silent --ignore-scripts --no-audit --no-fund \
	@digdir/designsystemet-css@1.22.0 \
	@fontsource-variable/source-sans-3@5.3.0 \
	@fontsource-variable/source-serif-4@5.3.1)
modules=$work/node_modules

# The design system, the parts in use only: a third of the whole.
css=$modules/@digdir/designsystemet-css
{
	printf '/* Designsystemet 1.22.0, MIT, see designsystemet-licence.txt; made by fetch.sh. */\n'
	printf '@layer ds.theme, ds.base, ds.components;\n@layer ds.base{'
	cat "$css/dist/src/base.css"
	printf '}\n@layer ds.components{'
	for part in heading label input field fieldset button link list tag table details error-summary; do
		cat "$css/dist/src/$part.css"
	done
	printf '}\n'
} >file/designsystemet.css
cp "$css/LICENSE" file/designsystemet-licence.txt

# The fonts: Source Sans for text, Source Serif for headings, each in two
# files of which a browser fetches the second only for letters beyond Western
# European ones (Czech, Lithuanian, Polish, Turkish).
for font in sans-3:sans serif-4:serif; do
	from=$modules/@fontsource-variable/source-${font%%:*}
	to=file/source-${font##*:}
	cp "$from/files/source-${font%%:*}-latin-wght-normal.woff2" "$to-latin.woff2"
	cp "$from/files/source-${font%%:*}-latin-ext-wght-normal.woff2" "$to-latin-ext.woff2"
	cp "$from/LICENSE" "$to-licence.txt"
done
