/**
 * Is a difference found where there is none, and the true one where there is? Runs the
 * orchestrator's own benchmark on a simulated worker, in virtual time, many times.
 */
package ai.cacheblend.benchmarks.aa;
