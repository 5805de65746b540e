/** Merges adapters into the weights of a checkpoint. */
package ai.cacheblend.worker.export.adapter;
