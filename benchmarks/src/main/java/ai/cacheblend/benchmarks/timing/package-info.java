/** How exactly does the client time what it is sent? Measures known delays over loopback. */
package ai.cacheblend.benchmarks.timing;
