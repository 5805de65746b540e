/**
 * What a benchmark reports, as pure functions: the quality of one answer ({@link
 * ai.cacheblend.metrics.QualityMetric}) and the statistics of many measurements. No input, no
 * output, no clock, no randomness, no dependence on the default locale.
 */
package ai.cacheblend.metrics;
