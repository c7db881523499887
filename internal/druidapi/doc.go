// Package druidapi speaks HTTP with Druid's Coordinator and Overlord, directly or through a Router.
//
// Only reads are retried. Credentials go to the configured addresses and nowhere else: a redirect to another host is
// an error. An answer counts only when it is whole: HTML, a truncated list, a list that does not end or a page that
// does not advance are errors, never short lists. Errors name method, address and what to do, and hold no secret.
//
// The client fits the interfaces of the executor and of collect without importing them. Start reading at client.go,
// then request.go.
package druidapi
