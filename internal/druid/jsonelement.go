package druid

// eachElement calls visit for every element of the array, which must be valid JSON, until one fails.
func eachElement(data []byte, visit func(element []byte) error) error {
	at := skipSpace(data, 1)
	for data[at] != ']' {
		end := valueEnd(data, at)
		if err := visit(data[at:end]); err != nil {
			return err
		}
		if at = skipSpace(data, end); data[at] == ',' {
			at = skipSpace(data, at+1)
		}
	}
	return nil
}
