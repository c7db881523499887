// Package declare writes configuration: the rule lists of a cluster, as the blocks that declare them.
//
// What goes in is names and rule lists; what comes out is HCL that package config reads back to exactly these lists.
// That is not hoped for: every text is loaded again before it is handed out, and a list that does not come back as it
// was is written in a plainer form, or left out with the reason. A list that several datasources share becomes a policy;
// one that a retention block can say becomes a retention block. It never reads a cluster and never writes a file.
//
// Start with Write.
package declare
