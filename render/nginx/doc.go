// Package nginx renders a model.Config as configuration of a stock nginx. Package conf below it is the language: what a template may
// print where, and how values are written.
package nginx
