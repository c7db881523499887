package planner

import (
	"coppice/internal/plan"
	"coppice/internal/snapshot"
)

// outside is the change that the list in force came with, when it was made since the last apply and does not bear
// coppice's comment; nil else, and when nobody can tell.
func (in *Input) outside(r *snapshot.Rules) *plan.Outside {
	if in.LastApply == nil || !r.Set || !r.Since.Known() || r.Since <= *in.LastApply || plan.OwnComment(r.LastComment) {
		return nil
	}
	return &plan.Outside{At: r.Since, Author: r.LastAuthor, Comment: r.LastComment}
}
