"""Pictures of phone screens, drawn: WeChat's About page, 服务, the 微粒贷 page, the pages about the phone."""
