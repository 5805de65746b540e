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
    {"full_prefill", "The baseline: computes every row (token position) of the prompt."},
    {
      "prefix_caching",
      "Reuses the KV of the longest beginning of the prompt that an earlier prompt computed, in"
          + " full blocks, and computes the rest. Its answers are those of full_prefill. A TTFT"
          + " trial is its best case: the worker has just answered the same chunks in the same"
          + " order."
    },
    {
      "full_kv_reuse",
      "Reuses the KV of stored chunks unchanged. Computes only the rows without cached KV and the"
          + " last row."
    },
    {
      "cacheblend",
      "Compares fresh and stored KV at a check layer, and recomputes the cached rows with the"
          + " largest deviation. The recompute ratio is their share."
    },
    {
      "client TTFT",
      "Time from sending the call to receiving the first message with a token, measured with the"
          + " orchestrator's monotonic clock."
    },
    {
      "worker TTFT",
      "Time from scheduling the request on the worker to its first token in host memory. Includes"
          + " KV load; excludes queue time."
    },
    {"transport", "Client TTFT − worker TTFT − queue."},
    {
      "KV load",
      "Injecting stored chunks into the KV of the request. Part of prefill; on a GPU it overlaps"
          + " with the matrix products of the first layers."
    },
    {"collect", "Computing and storing the chunks. Done before a trial; not part of any TTFT."},
    {
      "trial, block",
      "One prompt, run with every arm in random order. A block is valid only if the worker's"
          + " counts of reused, recomputed and computed rows match the definition of every arm."
    },
    {"± after a mean", "Sample standard deviation (divisor n − 1)."},
    {
      "95 %",
      "95 % confidence interval. Means: t interval. Speed-ups: t interval of the logarithms of the"
          + " blocks' ratios. Score differences: betting confidence sequence. No interval includes"
          + " the variation between two starts of a worker."
    },
    {
      "speed-up",
      "Client TTFT of full prefill divided by that of the arm, geometric mean over the blocks. Not"
          + " resolved: the interval includes 1."
    },
    {
      "difference",
      "Mean score of the arm minus that of full prefill, paired by sample. Negative is worse."
    },
    {
      "charged",
      "Charged budget: cached rows with fresh KV and rows of a probe, summed over layers, divided by"
          + " cached rows times layers. Counted by the worker; mean over the samples or trials. It"
          + " makes selectors with a probe or a check layer comparable with those without."
    },
    {
      "retention",
      "Mean score of the arm divided by that of full prefill, paired by sample. The interval uses"
          + " the same test as that of the difference. Not defined where full prefill scores at most"
          + " twice the margin."
    },
    {
      "ranking of selectors",
      "Selectors compared at equal charged budgets. Scores between two ratios of a selector are"
          + " interpolated, sample by sample. better than: the paired betting test rejects equal"
          + " means at 5 %, with Holm's correction for all comparisons of the data set."
    },
    {
      "recommendation",
      "The fastest arm that passes on every data set, with Holm's correction for the number of arms"
          + " and chunk sizes. Random rows are a control and not recommended."
    },
    {
      "verdict",
      "pass: the loss of mean score is smaller than the margin. fail: it is larger. Each has an"
          + " error rate of at most 5 % (one-sided sequential betting test, in the order of the"
          + " data set). undecided: the samples show neither. cannot judge: the samples do not show"
          + " that full prefill scores more than twice the margin, half of its answers are empty,"
          + " or there are too few samples for the margin."
    },
    {
      "frontier",
      "The Pareto frontier of mean speed-up and mean score, over the arms of a sweep with the same"
          + " prompts and data set. yes: against each other arm, the paired 95 % interval shows"
          + " this arm to be better in one of the two. no: an arm dominates this one, and the"
          + " interval shows it to be better in one. cannot tell: all other cases. The intervals"
          + " are not corrected for the number of arms."
    },
    {
      "safe, not safe, cannot tell",
      "safe: the verdict is pass on every data set of the report. not safe: it is fail on at least"
          + " one. cannot tell: all other cases, including arms without a quality run."
    },
    {
      "arithmetic bound",
      "Upper bound of the speed-up: multiplications of full prefill divided by those of the arm,"
          + " matrix products and attention. In the last layer only keys and values are counted,"
          + " because only its last row has a query. Recomputed rows are assumed to be spread"
          + " evenly; the true bound is lower if they are more often late ones."
    },
    {
      "drift",
      "Client TTFT of each valid trial divided by the median of its arm and length, in the order of"
          + " the run. Without drift the running median stays near 1."
    },
    {
      "gate",
      "Runs the test after every sample and stops at the first decision. The error rates of the"
          + " verdict hold at any stopping time."
    },
    {
      "TTFT under load",
      "From the time at which a request was due until its first token. The time in queues, the send"
          + " lag and the collection of chunks that were not stored are inside."
    },
    {"ITL, TPOT", "Time between neighbouring tokens; its mean over the answer of a request."},
    {
      "objective, goodput",
      "Limits on percentiles of latencies. Goodput is the number of answers per second that are"
          + " within every limit. Failed and refused requests are within none."
    },
    {"hit rate", "Share of the chunks of requests that were stored when they were needed."},
    {
      "slice",
      "A part of the time of an arm at a level of load, behind a reset and a warm-up. Slices of the"
          + " arms are interleaved in random order."
    },
    {
      "outlier",
      "A trial whose client TTFT or transport deviates from the median of its arm and length by"
          + " more than the 99 % quantile of the largest deviation in a normal sample of that size"
          + " (in scaled median absolute deviations); or during which the device of the worker was"
          + " throttled. Outliers are flagged, and included in all statistics."
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
