package render

import (
	"fmt"
	"io"
	"strings"
	"time"

	"coppice/executor"
	"coppice/internal/druid"
)

// Event writes one thing that just happened as a line, or as nothing when the report will say it. The line is not
// wrapped, since logs are searched line by line. The error is the writer's.
func Event(w io.Writer, e executor.Event, o Options) error {
	s := newScreen(w, o)
	if text, color := eventText(e); text != "" {
		s.line(0, span{clean(text), color})
	}
	return s.flush()
}

// eventText words an event; a test walks all kinds.
func eventText(e executor.Event) (string, ink) {
	switch e := e.(type) {
	case executor.Started:
		return "applying " + counted(int64(e.Actions), "action"), inkBold
	case executor.ActionStarted:
		return actionText(e.Action) + ": begins", inkPlain
	case executor.ActionEnded:
		return endedText(e.Report), outcomeInk(e.Report.Outcome)
	case executor.DatasourceStale:
		return clean(e.Datasource) + ": not as the plan saw it, so nothing more is done there: " + strings.Join(e.Differences, "; "), inkDanger
	case executor.TaskSubmitted:
		return submittedText(e), inkPlain
	case executor.TaskChanged:
		return fmt.Sprintf("delete %s: task %s %s", clean(e.Action.Datasource), clean(e.Task), stateWord(e.State)), inkPlain
	case executor.Waiting:
		return waitingText(e), inkFaint
	case executor.Deleting:
		return deletingText(e), inkPlain
	case executor.QueueUnknown:
		return "kill tasks are sent without regard to those of others, which the Overlord does not tell: " + e.Problem, inkWarning
	case executor.MarksCompared:
		return marksText(e.Report), marksInk(e.Report)
	case executor.Interrupting:
		return "interrupted: finishing what is in hand; a second interrupt stops at once", inkWarning
	}
	return "", inkPlain
}

// endedText is an action's end with the reasons, since some are worth seeing before the report.
func endedText(a *executor.ActionReport) string {
	text := fmt.Sprintf("%s %s: %s", kindWord(a.Kind), clean(a.Datasource), outcomeWord(a.Outcome))
	if isMark(a) && a.Outcome == executor.Done {
		text += ", " + countsText(a.Real, a.Planned)
	}
	if all := append(append([]string(nil), a.Reasons...), a.Differences...); len(all) > 0 {
		text += ": " + strings.Join(all, "; ")
	}
	return text
}

// isMark says that an action's numbers are of segments.
func isMark(a *executor.ActionReport) bool { return kindOrder(a.Kind) < 3 }

func submittedText(e executor.TaskSubmitted) string {
	verb := "sent"
	if e.Adopted {
		verb = "was sent by an earlier run, and is followed"
	}
	text := fmt.Sprintf("delete %s: task %s %s", clean(e.Action.Datasource), clean(e.Task), verb)
	if e.Victims.Segments >= 0 {
		text += ", " + segments(e.Victims.Segments)
	}
	return text
}

// stateWord words what the Overlord says of a task.
func stateWord(s druid.TaskState) string {
	switch s {
	case druid.TaskWaiting:
		return "waits, usually for a lock"
	case druid.TaskPending:
		return "waits for a worker"
	case druid.TaskRunning:
		return "runs"
	case druid.TaskSucceeded:
		return "succeeded"
	case druid.TaskFailed:
		return "failed"
	}
	return "is not known to the Overlord"
}

// waitingText is a heartbeat line.
func waitingText(e executor.Waiting) string {
	text := "waiting for " + e.For
	if e.Datasource != "" {
		text = clean(e.Datasource) + ": " + text
	}
	if e.Total > 0 {
		text += fmt.Sprintf(", %s of %s left", count(e.Left), segments(e.Total))
	}
	text += " (" + duration(e.Waited)
	if e.Limit > 0 {
		text += " of at most " + duration(e.Limit)
	}
	return text + ")"
}

// deletingText is how far many deletions are, with their rate and what is left by it.
func deletingText(e executor.Deleting) string {
	text := fmt.Sprintf("deleted %s of %s so far (%s of %s ended) in %s", count(e.Segments), segments(e.AllSegments), count(int64(e.Tasks)),
		counted(int64(e.AllTasks), "task"), duration(e.Spent))
	if minutes := e.Spent.Minutes(); minutes > 0 {
		text += fmt.Sprintf("; %s a minute", count(int64(float64(e.Segments)/minutes)))
	}
	if e.Left > 0 {
		text += "; about " + duration(e.Left.Round(time.Second)) + " left"
	}
	return text
}

// marksText compares prediction and outcome of a datasource.
func marksText(m *executor.MarkReport) string {
	text := fmt.Sprintf("%s: the Coordinator marked %s of %s unused", clean(m.Datasource), count(m.Marked), segments(m.Predicted))
	if m.NotMarked > 0 {
		text += fmt.Sprintf("; %s still used", count(m.NotMarked))
	}
	if m.NotPredicted > 0 {
		text += fmt.Sprintf("; %s marked that the plan keeps", count(m.NotPredicted))
	}
	if m.Problem != "" {
		text = clean(m.Datasource) + ": what the Coordinator marked could not be compared: " + m.Problem
	}
	return text
}

func marksInk(m *executor.MarkReport) ink {
	switch {
	case m.NotPredicted > 0:
		return inkDanger
	case m.NotMarked > 0 || m.Problem != "":
		return inkWarning
	}
	return inkGood
}
