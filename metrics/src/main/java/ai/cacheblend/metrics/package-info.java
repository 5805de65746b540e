/**
 * Answer quality ({@link ai.cacheblend.metrics.QualityMetric}), statistics of repeated
 * measurements, and the sequential test that decides whether an arm loses quality ({@link
 * ai.cacheblend.metrics.NonInferiorityRule}). No I/O, no clock, no dependence on the default
 * locale; random numbers come from seeds that the caller passes.
 */
package ai.cacheblend.metrics;
