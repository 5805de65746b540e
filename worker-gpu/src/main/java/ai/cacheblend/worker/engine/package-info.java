/** Schedules requests and advances them step by step, on the thread that owns the session. */
package ai.cacheblend.worker.engine;
