/**
 * Form of a chunk outside of a device: a safetensors value with checksums. Pure functions on bytes;
 * the tiers do the I/O.
 */
package ai.cacheblend.worker.chunks.format;
