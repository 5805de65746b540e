/**
 * Models and data sets of the Hugging Face Hub, and the local cache that Python's {@code
 * huggingface_hub} shares.
 */
package ai.cacheblend.hub;
