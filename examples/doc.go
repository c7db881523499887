// Package examples holds the test of its folders, each of which is documentation and a test at once, and the workflow that
// init copies.
package examples

import _ "embed"

// Workflow is the GitHub Actions workflow of github-actions/coppice.yml.
//
//go:embed github-actions/coppice.yml
var Workflow string

// WorkflowDirectory is the line of Workflow that says where in its repository the configuration lies.
const WorkflowDirectory = "  DIRECTORY: . # of the configuration\n"
