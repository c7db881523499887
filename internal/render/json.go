package render

import (
	"encoding/json"
	"io"
)

// JSON writes a document indented by two blanks with a final line end, without escaping < > &. The error is the
// writer's, or that of a value JSON cannot hold.
func JSON(w io.Writer, document any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document)
}
