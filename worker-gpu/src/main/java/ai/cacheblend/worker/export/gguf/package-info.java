/** Reads GGUF files, the format of llama.cpp. */
package ai.cacheblend.worker.export.gguf;
