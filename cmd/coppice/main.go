package main

import (
	"context"
	"os"
)

func main() {
	p, stop := system()
	code := run(context.Background(), p)
	stop()
	os.Exit(int(code))
}
