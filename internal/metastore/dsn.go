package metastore

import (
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/lib/pq"
)

// secret is what must not appear in a message, and what may stand in it instead.
type secret struct {
	password string
	// target names server and database without credentials.
	target string
}

// hide replaces the password in a text, also where it was percent-encoded.
func (s secret) hide(text string) string {
	if s.password == "" {
		return text
	}
	for _, form := range []string{s.password, url.QueryEscape(s.password), url.PathEscape(s.password)} {
		text = strings.ReplaceAll(text, form, "(hidden)")
	}
	return text
}

// errBadDSN quotes nothing of the DSN: where it ends and a password begins is just what could not be told.
var errBadDSN = &Error{Problem: ProblemDSN, Doing: "read the dsn", Text: "it cannot be understood",
	Advice: "write postgres://user:password@host:5432/database?sslmode=require (special characters of the password " +
		"percent-encoded), or host=... port=... user=... password=... dbname=... sslmode=..."}

func parseDSN(dsn string) (pq.Config, error) {
	if strings.TrimSpace(dsn) == "" {
		return pq.Config{}, &Error{Problem: ProblemDSN, Doing: "read the dsn", Text: "it is empty", Advice: errBadDSN.Advice}
	}
	config, err := pq.NewConfig(dsn)
	if err != nil {
		return pq.Config{}, errBadDSN
	}
	// lib/pq announces that its default may change, and a store is not read over a connection that became plain in silence.
	if config.SSLMode == "" {
		config.SSLMode = pq.SSLModeRequire
	}
	if config.ApplicationName == "" {
		config.ApplicationName = "coppice"
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	return config, nil
}

// target words where the configuration points.
func target(config pq.Config) string {
	host := config.Host
	if config.Hostaddr.IsValid() {
		host = config.Hostaddr.String()
	}
	database := config.Database
	if database == "" {
		database = config.User
	}
	return "database " + database + " on " + net.JoinHostPort(host, strconv.Itoa(int(config.Port))) + " as " + config.User
}
