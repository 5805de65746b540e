/** Takes one request from start to end, on the one thread that owns the session and the KV pool. */
package ai.cacheblend.worker.engine;
