/** Accuracy of the client's timing: measures known delays over loopback. */
package ai.cacheblend.benchmarks.timing;
