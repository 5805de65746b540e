/**
 * Experiments with a known truth: how often the benchmark reports a difference that does not exist,
 * and how often it finds one that does. TTFT runs use the orchestrator's benchmark on a simulated
 * worker in virtual time. Verdicts and intervals of scores use the rules of module {@code metrics}.
 */
package ai.cacheblend.benchmarks.aa;
