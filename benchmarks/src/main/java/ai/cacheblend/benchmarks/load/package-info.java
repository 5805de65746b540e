/** Known service times through {@code load}: waiting times against theory, and the send lag. */
package ai.cacheblend.benchmarks.load;
