/** Identity and statistics of the worker's GPU, from NVIDIA's driver and NVML. */
package ai.cacheblend.worker.device;
