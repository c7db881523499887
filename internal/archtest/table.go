package archtest

// layer is what one package of the module may import of the module's own packages.
type layer struct {
	// pkg is a path below the module, "cmd" standing for everything below cmd.
	pkg string
	// may lists paths below the module; everything means no limit.
	may []string
	// why is the sentence that a violation is answered with.
	why string
}

// everything stands for any package of the module.
const everything = "*"

// layers is the import table. A package of the module that is not in it is a violation, so that a new package is
// placed on purpose.
var layers = []layer{
	{"internal/parallel", nil, "running pieces at the same time asks nothing of what they do"},
	{"internal/diag", nil, "diag is used by all packages, so it can know none of them"},
	{"internal/druid", nil, "druid holds Druid's own words; they make sense without this program"},
	{"internal/snapshot", []string{"internal/druid", "internal/parallel"},
		"a snapshot is what was seen, before anybody wants anything"},
	{"internal/atomicfile", nil, "putting a file at its place knows nothing of what is in it"},
	{"internal/snapfile", []string{"internal/snapshot", "internal/druid", "internal/atomicfile", "internal/parallel"},
		"a file of a snapshot holds what was seen, before anybody wants anything"},
	{"internal/plan", []string{"internal/druid", "internal/diag"},
		"the plan is pure data between those who decide and those who act, and knows neither"},
	{"config", []string{"internal/druid", "internal/diag"},
		"what is wanted does not depend on what is there, nor on how it is reached"},
	{"internal/memdir", nil, "a directory in memory knows nothing of what is in it"},
	{"internal/declare", []string{"config", "internal/memdir", "internal/druid", "internal/diag"},
		"what import writes is checked by the language alone; it knows no cluster"},
	{"planner", []string{"config", "internal/snapshot", "internal/plan", "internal/druid", "internal/diag"},
		"the planner is a function of config, snapshot and now; it cannot reach a cluster"},
	{"executor", []string{"internal/plan", "internal/druid"},
		"the executor does what the plan says; it has no access to rules of keeping and cannot decide"},
	{"internal/metastore", []string{"internal/druid"},
		"reading the metadata store knows Druid's words and nothing of plans"},
	{"internal/druidapi", []string{"internal/druid"},
		"speaking HTTP with Druid knows Druid's words and nothing of plans"},
	{"internal/collect", []string{"internal/snapshot", "internal/druid", "internal/parallel"},
		"collect asks its sources through interfaces of its own, so that each source can be told apart and replaced"},
	{"internal/journal", []string{"internal/plan", "internal/druid", "internal/atomicfile", "executor"},
		"the journal records what an apply did; it takes no part in it"},
	{"internal/render", []string{"internal/plan", "internal/diag", "internal/druid", "executor"},
		"render words what others state; it may read their types, and nothing may hang on its words"},
	{"internal/sandbox", []string{"internal/druid"},
		"the sandbox answers as Druid does, from Druid's documentation; sharing the planner's view would hide its mistakes"},
	{"internal/archtest", nil, "archtest reads source text only"},
	{"internal/mutants", nil, "the mutation check edits source text and runs the tests; it knows no package"},
	{"internal/druidkit", nil, "the kit starts a real Druid and PostgreSQL; it knows programs and ports, not this one's packages"},
	{"internal/contract", []string{"internal/druid", "internal/druidapi", "internal/metastore", "internal/sandbox", "internal/druidkit"},
		"the contract holds against Druid and the sandbox alike, so it speaks only through what reaches both"},
	{"internal/e2e", []string{"internal/druid", "internal/plan", "internal/druidkit"},
		"the program is run from outside, as its users run it; only the words of its plans are shared"},
	{"internal/safety", []string{"config", "planner", "executor", "internal/plan", "internal/snapshot", "internal/druid"},
		"planner and executor are proved together, against a cluster that is neither's nor the sandbox's"},
	{"internal/bench", []string{"config", "planner", "executor", "internal/plan", "internal/render", "internal/snapshot", "internal/metastore", "internal/druid", "internal/diag"},
		"the program is measured as its users run it; only growth is measured from inside"},
	{"cmd", []string{everything}, "cmd joins everything"},
	{"examples", []string{everything}, "examples are run by tests as a user would run them"},
}

// developing are the packages that only tests and contributors run. Nothing that ships imports them, and they own the
// terminal and the environment as cmd does.
var developing = []string{"internal/mutants", "internal/druidkit", "internal/contract", "internal/e2e", "internal/safety", "internal/bench"}

const developingWhy = "what starts servers and edits sources for tests is no part of the program"

// packageLimit forbids imports of packages outside the module to some packages of the module.
type packageLimit struct {
	in []string
	// never lists import paths; a trailing "/" stands for everything below.
	never []string
	why   string
}

// pureLayers are the packages that decide or state: what they return depends on what they are given and on nothing else.
var pureLayers = []string{"planner", "internal/plan", "internal/druid", "internal/diag", "internal/snapshot"}

var limits = []packageLimit{
	{pureLayers, []string{"os", "os/exec", "net", "net/http", "database/sql", "io/fs", "math/rand", "math/rand/v2", "log",
		"log/slog", "github.com/hashicorp/go-hclog", "github.com/lib/pq", "github.com/spf13/cobra"},
		"deciding code does no input or output and draws no lots: equal inputs give equal bytes"},
	{[]string{"planner"}, []string{"context", "sync", "time", "github.com/hashicorp/hcl/v2", "github.com/hashicorp/hcl/v2/"},
		"the planner has nothing to wait for, is given its moment, and knows settled values instead of HCL"},
	{[]string{"executor"}, []string{"os", "os/exec", "net", "net/http", "database/sql", "math/rand", "math/rand/v2",
		"github.com/lib/pq", "github.com/hashicorp/hcl/v2", "github.com/hashicorp/hcl/v2/"},
		"the executor reaches the cluster and the disk only through what it is handed"},
	{[]string{"config"}, []string{"net", "net/http", "database/sql", "os", "os/exec", "github.com/lib/pq"},
		"config opens no connection and reads no environment; values from outside arrive through Options"},
	{[]string{"internal/diag"}, []string{"github.com/hashicorp/hcl/v2", "github.com/hashicorp/hcl/v2/"},
		"diag has its own range, so that no other package needs HCL for a position"},
	{[]string{"internal/render"}, []string{"os", "net", "net/http", "database/sql"},
		"render writes to the writer it is given, with the width and colour it is given"},
}

// testingLimit holds for every package: shipped code must not behave otherwise under test.
var testingLimit = packageLimit{never: []string{"testing", "testing/"},
	why: "shipped code does not know whether a test is running"}

// callLimit forbids calls of functions of the standard library.
type callLimit struct {
	// in lists paths below the module; everything stands for all packages.
	in []string
	// except lists exceptions, as packages or as files.
	except []string
	pkg    string
	names  []string
	why    string
}

var clockNames = []string{"Now", "Since", "Until", "After", "AfterFunc", "Sleep", "Tick", "NewTimer", "NewTicker"}

var calls = []callLimit{
	{in: append([]string{"config", "executor", "internal/render", "internal/collect", "internal/journal"}, pureLayers...),
		pkg: "time", names: clockNames,
		why: "the moment is read once by the command and handed on, and waiting is handed in, so that tests need no clock"},
	{in: []string{everything}, except: append([]string{"cmd"}, developing...),
		pkg: "fmt", names: []string{"Print", "Println", "Printf"},
		why: "only cmd owns the terminal; everything else returns values or writes to a writer it is given"},
	{in: []string{everything}, except: append([]string{"cmd"}, developing...),
		pkg: "os", names: []string{"Stdout", "Stderr", "Stdin", "Getenv", "LookupEnv", "Environ", "Args"},
		why: "only cmd touches the terminal, the arguments and the environment"},
	{in: []string{everything}, except: append([]string{"cmd/coppice/main.go"}, developing...),
		pkg: "os", names: []string{"Exit"},
		why: "the program ends in one place, with a code from one table"},
	{in: []string{everything}, except: append([]string{"cmd"}, developing...),
		pkg: "context", names: []string{"Background", "TODO"},
		why: "cancelling reaches everything that waits, so contexts come from cmd"},
	{in: []string{everything}, pkg: "log", names: []string{"Print", "Println", "Printf", "Fatal", "Fatalf", "Panic", "Panicf"},
		why: "logs go through the logger that was handed over, never through a global one"},
}

// goroutineFree are the packages that start no goroutine.
var goroutineFree = append([]string{"config"}, pureLayers...)

const goroutineWhy = "deciding code is one function call after another; concurrency belongs to the edge"

// emptyNames are package names that say nothing about what is inside.
var emptyNames = []string{"util", "utils", "common", "helper", "helpers", "misc", "shared", "types", "models", "base", "lib"}

const emptyNameWhy = "a package is named after what it holds; what has no home stays where it is used"
