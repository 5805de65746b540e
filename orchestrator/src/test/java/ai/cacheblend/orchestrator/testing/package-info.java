/** Runs and fakes that the tests of several packages share. */
package ai.cacheblend.orchestrator.testing;
