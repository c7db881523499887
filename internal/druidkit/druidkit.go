package druidkit

import (
	"bufio"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"syscall"
)

// The scripts and sources, so that a test binary works from any folder.
//
//go:embed cluster druid postgres pom.xml postgres-extension stand-ins
var kit embed.FS

// RealVariable is the environment variable that makes tests with a real Druid required when it is "1".
const RealVariable = "COPPICE_REAL"

// TB is the part of testing.TB that is needed here.
type TB interface {
	Helper()
	Skip(args ...any)
	Fatalf(format string, args ...any)
}

// Options choose a cluster. Equal options share one cluster within a test process.
type Options struct {
	// Version of Druid; empty means 33.0.0.
	Version string
	// Derby keeps the metadata inside the Coordinator, where SQL cannot reach it: the only way for Druid 28.
	Derby bool
	// Properties are extra settings of all Druid processes, such as druid.coordinator.kill.on.
	Properties map[string]string
}

// Cluster is a running PostgreSQL and Druid. It is shared: use a datasource name of your own.
type Cluster struct {
	// Coordinator, Historical and Indexer are base URLs. The Coordinator is the Overlord too.
	Coordinator, Historical, Indexer string
	// DSN is a lib/pq URL of the metadata store, without a password; empty with Derby.
	DSN string
	// DeepStorage is the folder of local deep storage.
	DeepStorage string
	// Version of Druid.
	Version string

	// The folder of the scripts and of the state.
	dir string
	// The pipe that keeps the cluster alive: closing it, or the end of this process, ends the cluster.
	alive io.Closer
}

// Required skips the test, saying so, unless real parts are required.
func Required(tb TB) {
	tb.Helper()
	if os.Getenv(RealVariable) != "1" {
		LeftOut(tb, "real Druid")
	}
}

var (
	mu      sync.Mutex
	running = map[string]*Cluster{}
)

// Start returns the cluster for the options, starting it when it is the first call with them: that takes about twenty
// seconds. It skips when real parts are not required and fails when they are and something is missing.
func Start(tb TB, options Options) *Cluster {
	tb.Helper()
	Required(tb)
	mu.Lock()
	defer mu.Unlock()
	key := strings.Join(options.arguments(), "\x00")
	if cluster := running[key]; cluster != nil {
		return cluster
	}
	cluster, err := start(options)
	if err != nil {
		tb.Fatalf("start real Druid: %v", err)
	}
	running[key] = cluster
	return cluster
}

func (o Options) arguments() []string {
	var arguments []string
	if o.Version != "" {
		arguments = append(arguments, "--version", o.Version)
	}
	if o.Derby {
		arguments = append(arguments, "--metadata", "derby")
	}
	var properties []string
	for name, value := range o.Properties {
		properties = append(properties, name+"="+value)
	}
	sort.Strings(properties)
	for _, property := range properties {
		arguments = append(arguments, "--prop", property)
	}
	return arguments
}

func start(options Options) (*Cluster, error) {
	dir, err := unpack()
	if err != nil {
		return nil, err
	}
	arguments := append([]string{"--dir", dir, "--port-base", fmt.Sprint(portBase())}, options.arguments()...)
	command := exec.Command(filepath.Join(dir, "kit", "cluster"), arguments...)
	// A session of its own: an interrupt at the terminal is for the test process, whose end then ends the cluster.
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	complaints, err := os.Create(filepath.Join(dir, "complaints"))
	if err != nil {
		return nil, err
	}
	defer complaints.Close()
	command.Stderr = complaints
	stdin, err1 := command.StdinPipe()
	stdout, err2 := command.StdoutPipe()
	if err := errors.Join(err1, err2, command.Start()); err != nil {
		return nil, err
	}
	cluster := &Cluster{dir: dir, alive: stdin}
	if err := cluster.read(stdout); err != nil {
		exit := command.Wait()
		said := make([]byte, 1<<16)
		n, _ := complaints.ReadAt(said, 0) // the file has no name any more, but is still open
		return nil, errors.Join(fmt.Errorf("%w\n%s", err, said[:n]), exit)
	}
	return cluster, nil
}

// Crash kills the Coordinator, which is the Overlord too, without a word. Everybody who uses the cluster suffers.
func (c *Cluster) Crash() error { return c.druid("crash") }

// Revive starts it again at the same address, and returns when everything is ready.
func (c *Cluster) Revive() error { return c.druid("revive") }

func (c *Cluster) druid(verb string) error {
	command := exec.Command(filepath.Join(c.dir, "kit", "druid"), verb, "--dir", filepath.Join(c.dir, "druid"))
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // as in start
	said, err := os.CreateTemp(c.dir, verb)
	if err != nil {
		return err
	}
	defer said.Close()
	command.Stdout, command.Stderr = said, said // a file, since what is started would keep a pipe open
	if err := command.Run(); err != nil {
		text, _ := os.ReadFile(said.Name())
		return fmt.Errorf("%s the Coordinator: %w\n%s", verb, err, text)
	}
	return nil
}

// portBase keeps clusters of test processes that run at the same time apart, below the ephemeral ports.
func portBase() int { return 20000 + os.Getpid()%600*20 }

// unpack makes a folder that the user postgres can enter, with the kit in it. The script removes the folder at its end.
func unpack() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "druidkit-"); err != nil {
		return "", err
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return "", err
	}
	return dir, fs.WalkDir(kit, ".", func(name string, entry fs.DirEntry, err error) error {
		target := filepath.Join(dir, "kit", filepath.FromSlash(name))
		if err != nil || entry.IsDir() {
			return errors.Join(err, os.MkdirAll(target, 0o755))
		}
		data, err := kit.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o755)
	})
}

// read takes the endpoints from what the script prints.
func (c *Cluster) read(from io.Reader) error {
	fields := map[string]*string{
		"postgres": &c.DSN, "coordinator": &c.Coordinator, "historical": &c.Historical, "indexer": &c.Indexer,
		"deep-storage": &c.DeepStorage, "version": &c.Version,
	}
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		if lines.Text() == "end" {
			return nil
		}
		name, value, _ := strings.Cut(lines.Text(), "=")
		if field := fields[name]; field != nil {
			*field = value
		}
	}
	return errors.Join(errors.New("the cluster did not start"), lines.Err())
}
