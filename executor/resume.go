package executor

// Add takes one record of an earlier run into account. Records are added in the order in which they were written.
func (r *Resume) Add(record Record) {
	if record.Action == "" {
		return
	}
	if r.Actions == nil {
		r.Actions = map[string]Progress{}
	}
	p := r.Actions[record.Action]
	p.add(record)
	r.Actions[record.Action] = p
}

func (p *Progress) add(record Record) {
	switch record.Step {
	case StepIntent:
		// What an earlier attempt came to no longer counts: this call may have had an effect.
		*p = Progress{Started: true, Task: record.Task}
		p.keep(record.Amounts)
	case StepSubmitted:
		p.Started, p.Submitted, p.Task = true, true, record.Task
		p.keep(record.Amounts)
	case StepShutdown:
		p.ShutDown = true
	case StepOutcome:
		if p.settled() && record.Outcome == Unknown {
			// It was seen to be done; only the look at the end failed. Sent again it would undo what somebody did since.
			return
		}
		p.Outcome = record.Outcome
		if p.settled() {
			p.keep(record.Amounts)
		}
	}
}

func (p *Progress) keep(amounts *Counts) {
	if amounts != nil {
		p.Amounts = *amounts
	}
}
