// Package demo makes the demonstration: an invented world on real lists of
// institutions, loaded through the importers and processes of the product
// itself, and what the demo's own pages are shown of it. What is invented are
// all people and their addresses (.example, which no mail reaches), the
// agreements with their places, and everything anybody did.
package demo
