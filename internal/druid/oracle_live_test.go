package druid

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestLive asks Druid's own classes about changed questions until the time is over, and saves what differs as
// regression vectors. It runs only when COPPICE_ORACLE names the oracle's command; COPPICE_ORACLE_TIME is how long
// (default 10s), COPPICE_ORACLE_SEED makes a run repeatable, COPPICE_ORACLE_SAVE is the folder for mismatches.
func TestLive(t *testing.T) {
	command := os.Getenv("COPPICE_ORACLE")
	if command == "" {
		t.Skip("COPPICE_ORACLE does not name an oracle")
	}
	limit, err := time.ParseDuration(orElse("COPPICE_ORACLE_TIME", "10s"))
	if err != nil {
		t.Fatal(err)
	}
	var seed uint64
	if _, err := fmt.Sscan(orElse("COPPICE_ORACLE_SEED", fmt.Sprint(time.Now().UnixNano())), &seed); err != nil {
		t.Fatal(err)
	}
	t.Logf("COPPICE_ORACLE_SEED=%d", seed)
	oracle := startOracle(t, command)
	change := changer{rand.New(rand.NewPCG(seed, 0))}
	questions := questionsByKind(t)
	tallies := make([]struct{ count, mismatches, refusals int }, len(judges))
	for end := time.Now().Add(limit); time.Now().Before(end); {
		k := change.IntN(len(judges))
		list := questions[judges[k].kind]
		line, v := oracle.ask(t, judges[k].kind, change.question(list[change.IntN(len(list))]))
		if v.Out == nil {
			continue // the change made no question of it
		}
		verdict, got := judges[k].judge(v.In, v.Out)
		tallies[k].count++
		switch verdict {
		case refused:
			tallies[k].refusals++
		case differs:
			tallies[k].mismatches++
			t.Errorf("%s\n  got %s", shorten(line), got)
			save(t, judges[k].kind, line)
		}
	}
	for k, tally := range tallies {
		fmt.Printf("oracle: %d vectors of %s, %d mismatches, %d refused\n", tally.count, judges[k].kind, tally.mismatches, tally.refusals)
	}
}

func orElse(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}

// liveOracle is the running command: one line in, one line out.
type liveOracle struct {
	in  io.Writer
	out *bufio.Scanner
}

func startOracle(t *testing.T, command string) *liveOracle {
	t.Helper()
	process := exec.CommandContext(t.Context(), command, "answer")
	in, err := process.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = process.Wait()
	})
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<26)
	return &liveOracle{in, lines}
}

func (o *liveOracle) ask(t *testing.T, kind string, in json.RawMessage) (string, vector) {
	t.Helper()
	if _, err := fmt.Fprintf(o.in, `{"kind":%q,"in":%s}`+"\n", kind, in); err != nil {
		t.Fatal(err)
	}
	if !o.out.Scan() {
		t.Fatalf("the oracle stopped at %s: %v", in, o.out.Err())
	}
	return o.out.Text(), decode[vector](o.out.Bytes())
}

func questionsByKind(t *testing.T) map[string][]json.RawMessage {
	questions := map[string][]json.RawMessage{}
	for _, k := range judges {
		eachVector(t, filepath.Join("testdata", "oracle"), k.kind, func(_ string, v vector) {
			questions[k.kind] = append(questions[k.kind], v.In)
		})
	}
	return questions
}

func save(t *testing.T, kind, line string) {
	t.Helper()
	folder := orElse("COPPICE_ORACLE_SAVE", filepath.Join("testdata", "oracle"))
	file, err := os.OpenFile(filepath.Join(folder, kind+"-regression.jsonl"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := fmt.Fprintln(file, line); err != nil {
		t.Fatal(err)
	}
}

// changer makes new questions of old ones.
type changer struct{ *rand.Rand }

func (c changer) question(in json.RawMessage) json.RawMessage {
	fields := decode[map[string]json.RawMessage](in)
	for name, value := range fields {
		fields[name] = c.value(name, value)
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return in
	}
	return text
}

func (c changer) value(name string, value json.RawMessage) json.RawMessage {
	switch {
	case c.IntN(3) == 0:
		return value
	case name == "text" || name == "raw" || name == "id":
		text, _ := json.Marshal(c.text(decode[string](value)))
		return text
	case name == "now" || name == "instant" || name == "start" || name == "end":
		return fmt.Appendf(nil, "%d", c.millis(decode[int64](value)))
	case name == "segments":
		return c.segments(decode[[]map[string]json.RawMessage](value))
	}
	return value
}

// text changes, inserts, removes, doubles and swaps characters.
func (c changer) text(text string) string {
	const alphabet = "0123456789-+:.,/_TtZzPpYMWDHSw \t\"{}[]truefalsn\u00e9\u0663\u017f"
	letters, pool := []rune(text), []rune(alphabet)
	for range 1 + c.IntN(3) {
		at := c.IntN(len(letters) + 1)
		letter := pool[c.IntN(len(pool))]
		switch {
		case at == len(letters) || c.IntN(4) == 0:
			letters = append(letters[:at:at], append([]rune{letter}, letters[at:]...)...)
		case c.IntN(3) == 0:
			letters = append(letters[:at:at], letters[at+1:]...)
		case c.IntN(2) == 0:
			letters[at] = letter
		default:
			to := c.IntN(len(letters))
			letters[at], letters[to] = letters[to], letters[at]
		}
	}
	return string(letters)
}

func (c changer) millis(millis int64) int64 {
	steps := []int64{1, 1000, hourMillis, dayMillis, 28 * dayMillis, 31 * dayMillis, 366 * dayMillis, 146097 * dayMillis}
	step := steps[c.IntN(len(steps))] * (c.Int64N(7) - 3)
	if moved := Instant(millis) + Instant(step); moved >= MinInstant && moved <= MaxInstant {
		return int64(moved)
	}
	return millis
}

// segments takes some away and marks some unused. Ids stay distinct.
func (c changer) segments(segments []map[string]json.RawMessage) json.RawMessage {
	kept := []map[string]json.RawMessage{}
	for _, s := range segments {
		if c.IntN(5) == 0 {
			continue
		}
		if s["used"] != nil {
			s["used"] = fmt.Appendf(nil, "%v", c.IntN(6) > 0)
		}
		kept = append(kept, s)
	}
	c.Shuffle(len(kept), func(a, b int) { kept[a], kept[b] = kept[b], kept[a] })
	text, _ := json.Marshal(kept)
	return text
}
