/**
 * Records of runs: one model of block, arm run and result, and one reader and writer per file. The
 * schemas of the files are resources in {@code schema/}.
 */
package ai.cacheblend.orchestrator.records;
