"""Prepare a model: download it, build its ONNX graph and write a manifest."""
