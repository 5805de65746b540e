/** Access control: TLS certificates and bearer tokens, reloaded when their files change. */
package ai.cacheblend.worker.access;
