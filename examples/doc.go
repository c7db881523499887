// Package examples only holds the test of its folders, each of which is documentation and a test at once.
package examples
