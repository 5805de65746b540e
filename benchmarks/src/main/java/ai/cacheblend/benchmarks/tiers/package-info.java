/** Rates of the worker's storage tiers. */
package ai.cacheblend.benchmarks.tiers;
