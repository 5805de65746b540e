/**
 * Long mixed load with faults on real workers and benchmark runs; every request is accounted for.
 */
package ai.cacheblend.soak;
