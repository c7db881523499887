package metastore

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"coppice/internal/druidkit"
)

// TestMain stops the server that the tests started.
func TestMain(m *testing.M) {
	code := m.Run()
	if server.stop != nil {
		server.stop()
	}
	os.Exit(code)
}

// server is one PostgreSQL for all tests of the package, started at the first wish.
var server struct {
	once sync.Once
	port int
	err  error
	stop func()
}

const (
	readerPassword = "p@ss/w:rd#1"
	adminUser      = "druid"
)

// dsn gives a new, empty database of a started server (or of the one that COPPICE_DSN names) and skips, saying so,
// when neither is wanted. The options are added to CREATE DATABASE.
func dsn(t testing.TB, options ...string) string {
	t.Helper()
	base := os.Getenv("COPPICE_DSN")
	if base == "" {
		if os.Getenv("COPPICE_REAL") == "" {
			druidkit.LeftOut(t, "a real PostgreSQL; COPPICE_DSN names one")
		}
		server.once.Do(startServer)
		if server.err != nil {
			t.Fatal(server.err)
		}
		base = fmt.Sprintf("postgres://%s@127.0.0.1:%d/postgres?sslmode=disable", adminUser, server.port)
	}
	name := "coppice_" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToLower(t.Name()))
	name = name[:min(len(name), 60)]
	run(t, base, "DROP DATABASE IF EXISTS "+name, "CREATE DATABASE "+name+" "+strings.Join(options, " "))
	t.Cleanup(func() { run(t, base, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal("COPPICE_DSN is to be a URL")
	}
	u.Path = "/" + name
	return u.String()
}

// run executes statements on a connection of its own.
func run(t testing.TB, dsn string, statements ...string) {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.ExecContext(context.Background(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func startServer() {
	server.err = func() error {
		bin, err := binaries()
		if err != nil {
			return err
		}
		dir, err := os.MkdirTemp("", "coppice-pg-")
		if err != nil {
			return err
		}
		as, err := unprivileged(dir)
		if err != nil {
			return err
		}
		if server.port, err = freePort(); err != nil {
			return err
		}
		data := filepath.Join(dir, "data")
		if err := as.run(bin+"/initdb", "-D", data, "-U", adminUser, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"); err != nil {
			return err
		}
		// The administrator is trusted, everybody else needs a password.
		hba := "host all " + adminUser + " 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
		if err := os.WriteFile(filepath.Join(data, "pg_hba.conf"), []byte(hba), 0o644); err != nil {
			return err
		}
		options := fmt.Sprintf("-p %d -h 127.0.0.1 -k %s -F -c shared_buffers=64MB", server.port, dir)
		server.stop = func() {
			_ = as.run(bin+"/pg_ctl", "-D", data, "-m", "immediate", "-w", "-s", "stop")
			_ = os.RemoveAll(dir)
		}
		return as.run(bin+"/pg_ctl", "-D", data, "-l", filepath.Join(dir, "log"), "-w", "-s", "-o", options, "start")
	}()
}

// binaries finds the newest PostgreSQL server of this machine.
func binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if path, err := exec.LookPath("pg_ctl"); err == nil && len(found) == 0 {
		found = append(found, path)
	}
	if len(found) == 0 {
		return "", fmt.Errorf("COPPICE_REAL is set, but there are no PostgreSQL server binaries")
	}
	return filepath.Dir(slices.Max(found)), nil
}

// account is whom a server process runs as: PostgreSQL refuses to be root.
type account struct {
	dir        string
	credential *syscall.Credential
}

func unprivileged(dir string) (account, error) {
	if err := os.Chmod(dir, 0o755); err != nil || os.Getuid() != 0 {
		return account{dir: dir}, err
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return account{}, err
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	return account{dir, &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, os.Chown(dir, uid, gid)
}

func (a account) run(program string, arguments ...string) error {
	log, err := os.CreateTemp("", "coppice-pg-output-")
	if err != nil {
		return err
	}
	defer os.Remove(log.Name())
	defer log.Close()
	command := exec.Command(program, arguments...)
	// A file, not a pipe: the server keeps what it inherits open.
	command.Dir, command.Stdout, command.Stderr = a.dir, log, log
	if a.credential != nil {
		command.SysProcAttr = &syscall.SysProcAttr{Credential: a.credential}
	}
	if err := command.Run(); err != nil {
		output, _ := os.ReadFile(log.Name())
		return fmt.Errorf("%s: %w: %s", filepath.Base(program), err, output)
	}
	return nil
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
