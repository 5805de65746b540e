/** Reads rows of Apache Parquet files, without Hadoop. */
package ai.cacheblend.orchestrator.parquet;
