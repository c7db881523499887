package metastore

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
)

// isTLS reports whether the handshake or the check of the server's certificate went wrong.
func isTLS(err error) bool {
	var record tls.RecordHeaderError
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var alert tls.AlertError
	return errors.As(err, &record) || errors.As(err, &verification) || errors.As(err, &authority) ||
		errors.As(err, &hostname) || errors.As(err, &alert)
}
