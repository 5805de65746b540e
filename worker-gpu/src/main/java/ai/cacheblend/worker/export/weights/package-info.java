/**
 * Weights of a checkpoint: the tensors that a model needs, the files that hold them, and the
 * weights file that they are converted to.
 */
package ai.cacheblend.worker.export.weights;
