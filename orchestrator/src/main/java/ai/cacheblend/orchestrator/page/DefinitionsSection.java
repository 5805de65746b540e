package ai.cacheblend.orchestrator.page;

import static j2html.TagCreator.dd;
import static j2html.TagCreator.dl;
import static j2html.TagCreator.dt;
import static j2html.TagCreator.h2;

import j2html.tags.specialized.DlTag;
import j2html.tags.specialized.SectionTag;

/** Definitions of the terms of the report. */
final class DefinitionsSection {
  private static final String[][] DEFINITIONS = {
    {"full_prefill", "Computes every row (token position) of the prompt: the baseline."},
    {
      "full_kv_reuse",
      "Takes the KV of stored chunks as it is; computes only text that is not cached, and the last"
          + " row."
    },
    {
      "cacheblend",
      "Compares fresh and stored KV at a check layer and recomputes the share of cached rows that"
          + " deviate most."
    },
    {
      "client TTFT",
      "From just before the call is sent to the first message that holds a token, on the"
          + " orchestrator's monotonic clock."
    },
    {
      "worker TTFT",
      "From when the request is scheduled on the worker to its first token on the host. KV load is"
          + " inside; the queue is not."
    },
    {"transport", "Client TTFT − worker TTFT − queue."},
    {
      "KV load",
      "Placing stored chunks. Part of prefill; a GPU does it beside the products of the first layers."
    },
    {
      "collect",
      "Computing and storing the chunks. It happens before a trial and is in no arm's TTFT."
    },
    {
      "trial, block",
      "One prompt, answered by every arm in random order. A block counts only if every arm reused,"
          + " recomputed and computed as many rows as it is defined to."
    },
    {"± after a mean", "Sample standard deviation (divisor n − 1)."},
    {
      "95 %",
      "Of a mean: t interval. Of a speed-up: t interval of the logarithms of the blocks' ratios. Of a"
          + " difference of scores: betting confidence sequence. What varies from one start of a worker to the next is in none of"
          + " them."
    },
    {
      "speed-up",
      "Geometric mean over the blocks of full prefill's client TTFT over the arm's. Not resolved: the"
          + " interval holds 1."
    },
    {
      "difference",
      "Mean score of the arm minus full prefill's, paired by sample: negative is worse."
    },
    {
      "verdict",
      "pass: the mean score is lower by less than the margin, or higher; fail: it is lower by more."
          + " Each is wrong with probability 5 % at most (sequential test by betting, one-sided, in"
          + " the order of the data set). undecided: the samples show neither. cannot judge: full"
          + " prefill is not shown to score more than twice the margin, half of its answers are"
          + " empty, or there are too few samples for the margin."
    },
    {
      "frontier",
      "An arm of a sweep is on it if no other arm with the same prompts and data set is at least as"
          + " good in both mean speed-up and mean quality, and better in one. yes: it is ahead of"
          + " each other arm in one of the two by more than the paired 95 % interval. no: an arm that"
          + " beats it is ahead of it by as much. cannot tell: neither. These intervals are not"
          + " corrected for the number of arms."
    },
    {
      "safe, not safe, cannot tell",
      "safe: the verdict is pass on every data set of the report. not safe: it is fail on one."
          + " cannot tell: all other cases, and arms whose quality was not measured."
    },
    {
      "arithmetic bound",
      "Rows times layers of full prefill over those of the arm. The last layer does not count: only"
          + " its last row has a query. Attention is left out; it lowers the bound further where later"
          + " rows are recomputed more often."
    },
    {
      "drift",
      "Each valid trial's client TTFT over the median of its arm and length, in the order of the"
          + " run. Without drift the running median stays at 1."
    },
    {
      "gate",
      "Tests after every sample and ends at the first decision. The error rates of the verdict hold"
          + " at any stopping time."
    },
    {
      "outlier",
      "A trial whose client TTFT or transport is farther from the median of its arm and length than"
          + " the farthest of as many normal values is in 99 of 100 samples, in scaled median"
          + " absolute deviations; or during which the worker's device was throttled. It is flagged"
          + " and counts."
    },
  };

  private DefinitionsSection() {}

  static SectionTag section() {
    DlTag list = dl();
    for (String[] definition : DEFINITIONS) {
      list.with(dt(definition[0]), dd(definition[1]));
    }
    return j2html.TagCreator.section(h2("Definitions"), list).withId("definitions");
  }
}
