/** Predicts TTFT from measured compute and bandwidth, and decides what to load. */
package ai.cacheblend.worker.forecast;
